-- Steps that take longer or shorter on the last day than on the first, of the days with
-- three boots or more: by 1 ms, by 50 percent, and by three times the larger spread.
SELECT label, phase, loc, before_ns, after_ns, after_ns - before_ns AS change_ns
FROM (
  SELECT step, before_ns, before_spread, after_ns, after_spread
  FROM (
    SELECT step, quantileExact(0.5)(self_ns) AS before_ns,
      toInt64(arraySort(arrayMap(x -> abs(x - before_ns), groupArray(self_ns)))[intDiv(count(), 2) + 1]) AS before_spread
    FROM took
    WHERE boot IN (
      SELECT boot FROM boot WHERE substring(started, 1, 10) = (
        SELECT min(period) FROM (SELECT substring(started, 1, 10) AS period FROM boot GROUP BY period HAVING count() >= 3)))
    GROUP BY step HAVING count() >= 3
  ) ALL INNER JOIN (
    SELECT step, quantileExact(0.5)(self_ns) AS after_ns,
      toInt64(arraySort(arrayMap(x -> abs(x - after_ns), groupArray(self_ns)))[intDiv(count(), 2) + 1]) AS after_spread
    FROM took
    WHERE boot IN (
      SELECT boot FROM boot WHERE substring(started, 1, 10) = (
        SELECT max(period) FROM (SELECT substring(started, 1, 10) AS period FROM boot GROUP BY period HAVING count() >= 3)))
    GROUP BY step HAVING count() >= 3
  ) USING step
) ALL INNER JOIN (SELECT step, label, phase, loc FROM step) USING step
WHERE abs(change_ns) >= 1000000
  AND toInt64(abs(change_ns)) * 100 >= 50 * least(before_ns, after_ns)
  AND toInt64(abs(change_ns)) >= 3 * greatest(before_spread, after_spread)
ORDER BY abs(change_ns) DESC, step
