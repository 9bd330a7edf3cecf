"""A comment dump -> LazyFrame[COMMENT_SCHEMA]."""
