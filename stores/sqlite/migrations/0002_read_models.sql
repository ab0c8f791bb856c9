-- How far each projection has come. Its table, `view_` and its name, is made when it is first prepared.
CREATE TABLE checkpoints (
    projection TEXT    NOT NULL PRIMARY KEY,
    position   INTEGER NOT NULL,
    shape      INTEGER NOT NULL -- the schema's hash, as a signed number
) STRICT, WITHOUT ROWID;
