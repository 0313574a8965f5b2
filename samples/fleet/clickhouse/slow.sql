-- Boots over the usual time of the steps they did: by 1 ms, by 50 percent, and by three
-- times the spread of the whole fleet.
SELECT boot, path, started, usual_ns, took_ns, took_ns - usual_ns AS over_ns
FROM pace ALL INNER JOIN (SELECT boot, path, started FROM boot) USING boot
WHERE over_ns >= 1000000
  AND over_ns * 100 >= 50 * usual_ns
  AND over_ns >= 3 * (
    SELECT toInt64(arraySort(arrayMap(x -> abs(x - quantileExact(0.5)(over)), groupArray(over)))[intDiv(count(), 2) + 1])
    FROM (SELECT took_ns - usual_ns AS over FROM pace))
ORDER BY over_ns DESC, boot
