SELECT position, written FROM {log}events WHERE request = $1 AND written IS NOT NULL
UNION ALL
SELECT last, 0 FROM {log}receipts WHERE request = $1
