-- Fills `usual` and `pace`; run it when boots were added (after TRUNCATE TABLE of both).
INSERT INTO usual
SELECT step, toInt64(count()) AS boots, min(boot) AS first_boot,
  min(started) AS first_started, max(started) AS last_started,
  quantileExact(0.5)(start_ns) AS usual_start_ns,
  quantileExact(0.5)(self_ns) AS usual_self_ns,
  toInt64(arraySort(arrayMap(x -> abs(x - usual_self_ns), groupArray(self_ns)))[intDiv(count(), 2) + 1]) AS self_spread_ns,
  quantileExact(0.5)(total_ns) AS usual_total_ns,
  toInt64(arraySort(arrayMap(x -> abs(x - usual_total_ns), groupArray(total_ns)))[intDiv(count(), 2) + 1]) AS total_spread_ns,
  max(total_ns) AS longest_ns
FROM took ALL INNER JOIN (SELECT boot, started FROM boot) USING boot
GROUP BY step;

INSERT INTO pace
SELECT boot, sum(usual_ns) AS of_steps, sum(self_ns) AS took_ns
FROM took ALL INNER JOIN (SELECT step, self_ns AS usual_ns FROM usual WHERE boots >= 3) USING step
GROUP BY boot;
