SELECT version, shape, state FROM {log}snapshots WHERE stream = $1
