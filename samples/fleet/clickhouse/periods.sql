-- The fleet by day: 10 is the length of the part of "2026-01-31T12:34" that is shared.
SELECT substring(started, 1, 10) AS period, toInt64(count()) AS boots,
  quantileExact(0.5)(total_ns) AS median_ns,
  toInt64(arraySort(arrayMap(x -> abs(x - median_ns), groupArray(total_ns)))[intDiv(count(), 2) + 1]) AS spread_ns,
  toInt64(uniqExact(structure)) AS structures
FROM boot GROUP BY period ORDER BY period
