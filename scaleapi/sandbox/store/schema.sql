-- What the sandbox remembers. Moments are milliseconds since 1970, in UTC.
-- A document is what the API answers, as JSON; what lists filter or sort on
-- stands beside it in a column. Every index begins with the world.

CREATE TABLE IF NOT EXISTS worlds (
    id       INTEGER PRIMARY KEY,
    key_hash TEXT NOT NULL UNIQUE, -- the key itself may be a real one
    key_hint TEXT NOT NULL,        -- its first and last characters, for people
    mode     TEXT NOT NULL         -- test or live
);

CREATE TABLE IF NOT EXISTS projects (
    seq      INTEGER PRIMARY KEY,
    world    INTEGER NOT NULL REFERENCES worlds,
    name     TEXT NOT NULL,
    kind     TEXT NOT NULL, -- standard, rapid or studio
    document TEXT NOT NULL,
    UNIQUE (world, name)
);

CREATE TABLE IF NOT EXISTS batches (
    seq        INTEGER PRIMARY KEY,
    world      INTEGER NOT NULL REFERENCES worlds,
    name       TEXT NOT NULL,
    project    TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    archived   INTEGER NOT NULL DEFAULT 0,
    priority   INTEGER,                     -- in Studio, from 1
    groups     TEXT NOT NULL DEFAULT '[]',  -- in Studio, names as JSON
    document   TEXT NOT NULL,
    UNIQUE (world, name)
);
CREATE INDEX IF NOT EXISTS batches_in_order ON batches (world, created_at, seq);

CREATE TABLE IF NOT EXISTS tasks (
    seq           INTEGER PRIMARY KEY,
    world         INTEGER NOT NULL REFERENCES worlds,
    task_id       TEXT NOT NULL UNIQUE,
    type          TEXT NOT NULL,
    status        TEXT NOT NULL,
    project       TEXT,
    batch         TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    completed_at  INTEGER,
    review_status TEXT,
    unique_id     TEXT,
    document      TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tasks_in_order ON tasks (world, created_at, seq);
CREATE INDEX IF NOT EXISTS tasks_of_project ON tasks (world, project, created_at, seq);
CREATE INDEX IF NOT EXISTS tasks_of_batch ON tasks (world, batch, created_at, seq);
CREATE INDEX IF NOT EXISTS tasks_by_progress ON tasks (world, batch, status);
CREATE INDEX IF NOT EXISTS tasks_by_unique_id ON tasks (world, unique_id)
    WHERE unique_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS task_tags (
    world INTEGER NOT NULL,
    tag   TEXT NOT NULL,
    task  INTEGER NOT NULL REFERENCES tasks,
    PRIMARY KEY (world, tag, task)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_of_task ON task_tags (task);

-- Tasks of every kind share one set of unique ids.
CREATE TABLE IF NOT EXISTS unique_ids (
    world     INTEGER NOT NULL,
    unique_id TEXT NOT NULL,
    task_id   TEXT NOT NULL,
    PRIMARY KEY (world, unique_id)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS teammates (
    seq      INTEGER PRIMARY KEY,
    world    INTEGER NOT NULL REFERENCES worlds,
    email    TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (world, email)
);

CREATE TABLE IF NOT EXISTS assignments (
    seq     INTEGER PRIMARY KEY,
    world   INTEGER NOT NULL REFERENCES worlds,
    email   TEXT NOT NULL,
    project TEXT NOT NULL,
    UNIQUE (world, email, project)
);

CREATE TABLE IF NOT EXISTS project_groups (
    id      TEXT PRIMARY KEY,
    world   INTEGER NOT NULL REFERENCES worlds,
    project TEXT NOT NULL,
    name    TEXT NOT NULL,
    UNIQUE (world, project, name)
);

CREATE TABLE IF NOT EXISTS group_members (
    seq       INTEGER PRIMARY KEY,
    group_id  TEXT NOT NULL REFERENCES project_groups,
    email     TEXT NOT NULL,
    UNIQUE (group_id, email)
);

CREATE TABLE IF NOT EXISTS quality_tasks (
    id       TEXT PRIMARY KEY,
    world    INTEGER NOT NULL REFERENCES worlds,
    document TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS files (
    id           TEXT PRIMARY KEY,
    world        INTEGER NOT NULL REFERENCES worlds,
    reference_id TEXT,
    width        INTEGER,
    height       INTEGER,
    document     TEXT NOT NULL,
    UNIQUE (world, reference_id)
) WITHOUT ROWID;

-- What files and results hold, in pieces, so that none is in memory whole.
CREATE TABLE IF NOT EXISTS contents (
    id    TEXT NOT NULL,
    piece INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (id, piece)
) WITHOUT ROWID;

-- Parts of responses that the API hands out as an address.
CREATE TABLE IF NOT EXISTS results (
    id        TEXT PRIMARY KEY,
    mime_type TEXT NOT NULL
) WITHOUT ROWID;
