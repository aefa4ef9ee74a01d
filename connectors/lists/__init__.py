"""What the lists of the field mean, in the words of a county bureau: every connector's rows become these."""
