SELECT holder FROM {log}claims WHERE key = $1 AND value = $2
