-- Which world this database is in: the instant at which somebody last said that it was set back (src/restore/epoch.ts). Pods
-- count what D1 decided; after D1 went back they count anew. 0 = never. No row, after going back to before this migration, is 0.
INSERT INTO marks (name, value) VALUES ('epoch', '0') ON CONFLICT (name) DO NOTHING;
