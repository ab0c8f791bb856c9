-- How far each projection has come. The table of a read model, `view_` and its name, is made when it is first prepared.
CREATE TABLE {log}checkpoints (
    projection text   NOT NULL PRIMARY KEY COLLATE "C",
    position   bigint NOT NULL,
    shape      bigint NOT NULL -- the schema's hash, as a signed number
);
