-- The five steps in which a slow boot is over the most.
SELECT boot, label, phase, loc, usual_ns, took_ns, took_ns - usual_ns AS over_ns
FROM (
  SELECT boot, step, self_ns AS took_ns, usual_ns
  FROM took ALL INNER JOIN (SELECT step, self_ns AS usual_ns FROM usual WHERE boots >= 3) USING step
  WHERE self_ns > usual_ns AND boot IN (
    SELECT boot FROM pace
    WHERE took_ns - usual_ns >= 1000000
      AND (took_ns - usual_ns) * 100 >= 50 * usual_ns
      AND took_ns - usual_ns >= 3 * (
        SELECT toInt64(arraySort(arrayMap(x -> abs(x - quantileExact(0.5)(over)), groupArray(over)))[intDiv(count(), 2) + 1])
        FROM (SELECT took_ns - usual_ns AS over FROM pace)))
) ALL INNER JOIN (SELECT step, label, phase, loc FROM step) USING step
ORDER BY boot, over_ns DESC, step
LIMIT 5 BY boot
