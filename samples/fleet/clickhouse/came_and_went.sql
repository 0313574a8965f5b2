-- Steps that most boots do from some later day on, or did until some earlier one.
SELECT label, phase, loc, boots,
  if(substring(first_started, 1, 10) > (SELECT substring(min(started), 1, 10) FROM boot), first_started, '') AS came,
  if(substring(last_started, 1, 10) < (SELECT substring(max(started), 1, 10) FROM boot), last_started, '') AS went
FROM (
  SELECT step, parent, label, phase, loc, boots, first_started, last_started
  FROM usual ALL INNER JOIN (SELECT step, parent, label, phase, loc FROM step) USING step
) ANY LEFT JOIN (
  SELECT step AS parent, first_started AS around_first, last_started AS around_last FROM usual
) USING parent
WHERE boots >= 3 AND (came <> '' OR went <> '')
  AND boots * 2 >= arrayCount(x -> x >= first_started AND x <= last_started, (SELECT groupArray(started) FROM boot))
  AND (around_first = '' OR around_first <> first_started OR around_last <> last_started)
ORDER BY first_started, last_started, phase, label, step
