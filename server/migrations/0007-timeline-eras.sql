-- Where our clock was set back two eras claim the same instant, and the later one has the better clock
-- (docs/design/time.md). The chains tell the era of every segment; the index is read from them again.

truncate segments, recordings, gaps, deletions;
update streams set indexed_seq = 0, longest_ms = 0, cut = true;

alter table segments add column era int not null;
