GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON {log}migrations TO {role};
GRANT SELECT, INSERT ON {log}events, {log}event_tags, {log}receipts TO {role};
GRANT SELECT, INSERT, DELETE ON {log}claims TO {role};
GRANT SELECT, INSERT, UPDATE ON {log}snapshots, {log}checkpoints TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON {log}runners TO {role};
GRANT SELECT ON {log}running TO {role};
GRANT USAGE ON TYPE {log}new_event TO {role};
GRANT EXECUTE ON FUNCTION {log}append, {log}append_each, {log}change_claims, {log}first_match TO {role};
