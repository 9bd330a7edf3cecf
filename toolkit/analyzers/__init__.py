"""The measures: one file each, all behind the contract of ``base``."""
