CREATE TABLE orders (
  id BIGINT NOT NULL PRIMARY KEY,
  price DECIMAL(12, 2), qty INT UNSIGNED, note TEXT COMMENT 'it''s',
  tags TEXT[], place STRUCT<lat DOUBLE, lon DOUBLE PRECISION, parts ARRAY<ARRAY<STRUCT<x INT>>>>,
  attrs MAP<TEXT, ARRAY<BIGINT>>,
  part INT METADATA FROM 'partition' VIRTUAL,
  day DATE GENERATED ALWAYS AS (CAST(ts AS DATE)) STORED,
  total AS price * qty,
  ts TIMESTAMP(3) WITH TIME ZONE NOT NULL,
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
  CONSTRAINT pk PRIMARY KEY (id, day) NOT ENFORCED
) PARTITIONED BY (day, substring(note FROM 1 FOR 2)) COMMENT 'orders'
WITH (connector = 'kafka', 'json.unstructured' = 'true', "json.schema" = '${S:-{}}',
      kafka.group.id = 'x', rows = -5, ratio = 1.5e3, follow = true, delay = INTERVAL 5 MINUTE);
