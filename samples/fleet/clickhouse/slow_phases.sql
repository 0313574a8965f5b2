-- The three phases in which a slow boot is over the most.
SELECT boot, phase, sum(usual_self_ns) AS usual_ns, sum(self_ns) AS took_ns,
  took_ns - usual_ns AS over_ns
FROM (
  SELECT boot, step, self_ns, usual_self_ns
  FROM took ALL INNER JOIN (SELECT step, self_ns AS usual_self_ns FROM usual WHERE boots >= 3) USING step
  WHERE boot IN (
    SELECT boot FROM pace
    WHERE took_ns - usual_ns >= 1000000
      AND (took_ns - usual_ns) * 100 >= 50 * usual_ns
      AND took_ns - usual_ns >= 3 * (
        SELECT toInt64(arraySort(arrayMap(x -> abs(x - quantileExact(0.5)(over)), groupArray(over)))[intDiv(count(), 2) + 1])
        FROM (SELECT took_ns - usual_ns AS over FROM pace)))
) ALL INNER JOIN (SELECT step, phase FROM step) USING step
GROUP BY boot, phase
HAVING over_ns > 0
ORDER BY boot, over_ns DESC, phase
LIMIT 3 BY boot
