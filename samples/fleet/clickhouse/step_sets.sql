-- Boots that did the same steps, in whatever order and however often.
SELECT step_set, toInt64(count()) AS boots, min(boot) AS example,
  toInt64(uniqExact(structure)) AS structures, quantileExact(0.5)(total_ns) AS median_ns
FROM boot GROUP BY step_set ORDER BY boots DESC, example
