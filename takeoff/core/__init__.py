"""The words everybody shares: errors, units, tables, references, progress. No I/O."""
