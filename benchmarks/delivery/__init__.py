"""What leaves the county: copies, answers, events, beside the least they could cost."""
