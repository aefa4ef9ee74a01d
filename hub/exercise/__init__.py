"""The exercise of a demo: records that meet each rule a machine decides, and records that do not.

``guangxi``, ``qixing``, ``people``, ``jinjiang``, ``xiamen`` and ``ningxia`` say what there is, by document
``scene`` what such a record is; ``writing`` puts them into the database of a demo, once;
``table`` holds them against the rules.
"""
