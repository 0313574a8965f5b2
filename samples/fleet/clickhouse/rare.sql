-- Steps that at most 5 percent of the boots do, or lack. Of a step that is as rare as the
-- one around it only the outer one is told. `example` is a boot that does it, or, where
-- most do, the first that lacks it. (18.16 does not see that the lambda needs `doing`: that is
-- why it stands in ORDER BY, too.)
SELECT label, phase, loc, boots, of - boots AS lacking,
  if(boots * 2 <= of, first_boot,
     arrayReduce('min', arrayFilter(x -> NOT has(doing, x), (SELECT groupArray(boot) FROM boot)))) AS example
FROM (
  SELECT step, label, phase, loc, boots, first_boot, of, doing
  FROM (
    SELECT step, label, phase, loc, boots, first_boot, around_boots,
      (SELECT toInt64(count()) FROM boot) AS of
    FROM (
      SELECT step, parent, label, phase, loc, boots, first_boot
      FROM usual ALL INNER JOIN (SELECT step, parent, label, phase, loc FROM step) USING step
    ) ANY LEFT JOIN (SELECT step AS parent, boots AS around_boots FROM usual) USING parent
    WHERE boots < of AND (boots * 100 <= 5 * of OR (of - boots) * 100 <= 5 * of)
      AND around_boots <> boots
  ) ANY LEFT JOIN (SELECT step, groupArray(boot) AS doing FROM took GROUP BY step) USING step
)
ORDER BY least(boots, lacking), boots, phase, label, step, length(doing)
