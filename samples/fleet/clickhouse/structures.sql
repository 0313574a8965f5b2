-- Boots whose canonical traces are equal.
SELECT structure, toInt64(count()) AS boots, min(boot) AS example, min(started) AS first,
  max(started) AS last, quantileExact(0.5)(total_ns) AS median_ns,
  toInt64(arraySort(arrayMap(x -> abs(x - median_ns), groupArray(total_ns)))[intDiv(count(), 2) + 1]) AS spread_ns
FROM boot GROUP BY structure ORDER BY boots DESC, example
