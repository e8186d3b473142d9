-- The state of the sandbox. Times are milliseconds since 1970, in UTC.
-- A document is an object of the API as JSON; everything that lists filter or
-- sort by is in a column of its own, too. Every index begins with the world.

CREATE TABLE worlds (
    id       INTEGER PRIMARY KEY AUTOINCREMENT, -- not used again after a reset
    key_hash TEXT NOT NULL UNIQUE, -- the key itself may be a real one
    key_hint TEXT NOT NULL,        -- its first and last characters, for people
    mode     TEXT NOT NULL         -- test or live
);

CREATE TABLE projects (
    seq      INTEGER PRIMARY KEY,
    world    INTEGER NOT NULL REFERENCES worlds,
    name     TEXT NOT NULL,
    id       TEXT NOT NULL UNIQUE, -- in v2; v1 knows names only
    kind     TEXT NOT NULL, -- standard, rapid or studio
    document TEXT NOT NULL,
    UNIQUE (world, name)
);

CREATE TABLE batches (
    seq          INTEGER PRIMARY KEY,
    world        INTEGER NOT NULL REFERENCES worlds,
    name         TEXT NOT NULL,
    id           TEXT NOT NULL UNIQUE,        -- in v2; v1 knows names only
    project      TEXT NOT NULL,
    status       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    completed_at INTEGER,
    archived     INTEGER NOT NULL DEFAULT 0,
    priority     INTEGER,                     -- in Studio, from 1
    groups       TEXT NOT NULL DEFAULT '[]',  -- in Studio, names as JSON
    document     TEXT NOT NULL,
    UNIQUE (world, name)
);
CREATE INDEX batches_in_order ON batches (world, created_at, seq);

CREATE TABLE tasks (
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
    frees_id      INTEGER NOT NULL DEFAULT 0, -- clear_unique_id_on_error
    delivery      TEXT,                       -- in v2; id of the one it is part of
    document      TEXT NOT NULL
);
-- Covers all filters, so that no filter reads documents that do not match.
CREATE INDEX tasks_in_order ON tasks (
    world, created_at, seq, project, batch, status, type, review_status,
    updated_at, completed_at
);
-- Used if, according to the counts below, few tasks match.
CREATE INDEX tasks_of_project ON tasks (world, project, created_at, seq);
CREATE INDEX tasks_of_batch ON tasks (world, batch, created_at, seq);
CREATE INDEX tasks_of_status ON tasks (world, status, created_at, seq);
-- Narrow, for lists of what has changed since a given time.
CREATE INDEX tasks_by_update ON tasks (world, updated_at);
CREATE INDEX tasks_by_completion ON tasks (world, completed_at)
    WHERE completed_at IS NOT NULL;
CREATE INDEX tasks_by_unique_id ON tasks (world, unique_id)
    WHERE unique_id IS NOT NULL;
CREATE INDEX tasks_of_delivery ON tasks (world, delivery, created_at, seq)
    WHERE delivery IS NOT NULL;

-- Sets of completed tasks, in v2.
CREATE TABLE deliveries (
    seq          INTEGER PRIMARY KEY,
    world        INTEGER NOT NULL REFERENCES worlds,
    id           TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    project      TEXT NOT NULL,
    delivered_at INTEGER NOT NULL,
    document     TEXT NOT NULL,
    UNIQUE (world, project, name)
);

-- Numbers of tasks by their filters, because every page has the total. An empty
-- blob, which differs from every text, stands for null.
CREATE TABLE task_counts (
    world         INTEGER NOT NULL,
    project       NOT NULL,
    batch         NOT NULL,
    type          NOT NULL,
    status        NOT NULL,
    review_status NOT NULL,
    number        INTEGER NOT NULL,
    PRIMARY KEY (world, project, batch, type, status, review_status)
) WITHOUT ROWID;
CREATE INDEX counts_of_batch ON task_counts (world, batch);

CREATE TRIGGER count_new_task AFTER INSERT ON tasks BEGIN
    INSERT INTO task_counts VALUES (
        new.world, IFNULL(new.project, x''), IFNULL(new.batch, x''), new.type,
        new.status, IFNULL(new.review_status, x''), 1
    ) ON CONFLICT (world, project, batch, type, status, review_status) DO UPDATE
    SET number = number + 1;
END;
CREATE TRIGGER count_changed_task
AFTER UPDATE OF project, batch, type, status, review_status ON tasks
WHEN old.status <> new.status OR old.type <> new.type
    OR old.review_status IS NOT new.review_status
    OR old.project IS NOT new.project OR old.batch IS NOT new.batch
BEGIN
    UPDATE task_counts SET number = number - 1
    WHERE world = old.world AND project = IFNULL(old.project, x'')
        AND batch = IFNULL(old.batch, x'') AND type = old.type
        AND status = old.status AND review_status = IFNULL(old.review_status, x'');
    INSERT INTO task_counts VALUES (
        new.world, IFNULL(new.project, x''), IFNULL(new.batch, x''), new.type,
        new.status, IFNULL(new.review_status, x''), 1
    ) ON CONFLICT (world, project, batch, type, status, review_status) DO UPDATE
    SET number = number + 1;
END;

CREATE TABLE task_tags (
    world INTEGER NOT NULL,
    tag   TEXT NOT NULL,
    task  INTEGER NOT NULL REFERENCES tasks,
    PRIMARY KEY (world, tag, task)
) WITHOUT ROWID;
CREATE INDEX tags_of_task ON task_tags (task);

-- Tasks of all types share one set of unique ids.
CREATE TABLE unique_ids (
    world     INTEGER NOT NULL,
    unique_id TEXT NOT NULL,
    task_id   TEXT NOT NULL,
    PRIMARY KEY (world, unique_id)
) WITHOUT ROWID;

CREATE TABLE teammates (
    seq      INTEGER PRIMARY KEY,
    world    INTEGER NOT NULL REFERENCES worlds,
    email    TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (world, email)
);

CREATE TABLE assignments (
    seq     INTEGER PRIMARY KEY,
    world   INTEGER NOT NULL REFERENCES worlds,
    email   TEXT NOT NULL,
    project TEXT NOT NULL,
    UNIQUE (world, email, project)
);

CREATE TABLE project_groups (
    id      TEXT PRIMARY KEY,
    world   INTEGER NOT NULL REFERENCES worlds,
    project TEXT NOT NULL,
    name    TEXT NOT NULL,
    UNIQUE (world, project, name)
);

CREATE TABLE group_members (
    seq       INTEGER PRIMARY KEY,
    group_id  TEXT NOT NULL REFERENCES project_groups,
    email     TEXT NOT NULL,
    UNIQUE (group_id, email)
);

CREATE TABLE quality_tasks (
    id       TEXT PRIMARY KEY,
    world    INTEGER NOT NULL REFERENCES worlds,
    document TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE files (
    id           TEXT PRIMARY KEY,
    world        INTEGER NOT NULL REFERENCES worlds,
    project      TEXT NOT NULL, -- empty where there is none
    reference_id TEXT,
    width        INTEGER,
    height       INTEGER,
    pages        INTEGER NOT NULL,
    source       TEXT, -- where an imported file is
    document     TEXT NOT NULL,
    UNIQUE (world, project, reference_id)
) WITHOUT ROWID;

-- Files that are served under a URL: uploads and results.
CREATE TABLE objects (
    id         TEXT PRIMARY KEY,
    is_result  INTEGER NOT NULL, -- open to all; an upload needs a signed address
    mime_type  TEXT NOT NULL,
    size       INTEGER NOT NULL,
    etag       TEXT NOT NULL,    -- with its quotes
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Their bytes, in pieces of equal size, so that no file is in memory as a whole.
CREATE TABLE contents (
    id    TEXT NOT NULL,
    piece INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (id, piece)
) WITHOUT ROWID;

-- The outbox: callbacks that have not been delivered yet.
CREATE TABLE callbacks (
    seq      INTEGER PRIMARY KEY,
    world    INTEGER NOT NULL REFERENCES worlds,
    kind     TEXT NOT NULL, -- task or batch
    subject  TEXT NOT NULL, -- the task's id, or the batch's name
    url      TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    tries    INTEGER NOT NULL DEFAULT 0,
    due_at   INTEGER NOT NULL,
    is_next  INTEGER NOT NULL DEFAULT 0 -- of those to its address
);
CREATE INDEX callbacks_next ON callbacks (due_at, seq) WHERE is_next;
CREATE UNIQUE INDEX callbacks_next_to ON callbacks (url) WHERE is_next;
CREATE INDEX callbacks_to ON callbacks (url, due_at, seq);
