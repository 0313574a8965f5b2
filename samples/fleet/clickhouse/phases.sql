-- How long each phase of the start takes.
SELECT label AS phase, boots, total_ns AS median_ns, total_spread_ns AS spread_ns, longest_ns
FROM usual ALL INNER JOIN (SELECT step, label FROM step WHERE name = 'phase') USING step
ORDER BY start_ns, label, step
