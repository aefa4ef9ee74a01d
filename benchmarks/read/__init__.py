"""The read engine beside hand-written SQL, PostGraphile and Strawberry: one data set, one run."""
