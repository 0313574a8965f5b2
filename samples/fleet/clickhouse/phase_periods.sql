-- Each phase by day.
SELECT label AS phase, period, toInt64(count()) AS boots,
  quantileExact(0.5)(total_ns) AS median_ns,
  toInt64(arraySort(arrayMap(x -> abs(x - median_ns), groupArray(total_ns)))[intDiv(count(), 2) + 1]) AS spread_ns
FROM (
  SELECT boot, step, label, total_ns
  FROM took ALL INNER JOIN (SELECT step, label FROM step WHERE name = 'phase') USING step
) ALL INNER JOIN (SELECT boot, substring(started, 1, 10) AS period FROM boot) USING boot
GROUP BY step, label, period
ORDER BY label, step, period
