-- NULL: as many as core/study.h says.
ALTER TABLE studies ADD COLUMN max_failed INTEGER;
