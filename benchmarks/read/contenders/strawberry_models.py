"""The tables as SQLAlchemy's declarative models: the columns the peer's schema shows or asks about."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "beneficiary"
    county_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    name_masked: Mapped[str]
    id_number_hash: Mapped[bytes | None]
    birth_on: Mapped[dt.date | None]
    division_code: Mapped[str]
    station_id: Mapped[int | None]
    township_code: Mapped[str]
    risk_level: Mapped[str | None]
    deceased_on: Mapped[dt.date | None]


class Membership(Base):
    __tablename__ = "category_membership"
    county_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[int]
    category: Mapped[str]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]


class Station(Base):
    __tablename__ = "station"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    division_code: Mapped[str]


class Personnel(Base):
    __tablename__ = "personnel"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    station_id: Mapped[int | None]
    employer_id: Mapped[int | None]


class Contract(Base):
    __tablename__ = "contract"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    division_code: Mapped[str]
    contractor_id: Mapped[int]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    status: Mapped[str]


class ContractStation(Base):
    __tablename__ = "contract_station"
    contract_id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(primary_key=True)


class Assignment(Base):
    __tablename__ = "assignment"
    county_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[int]
    worker_id: Mapped[int | None]
    contract_id: Mapped[int]
    contractor_id: Mapped[int]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]


class Visit(Base):
    __tablename__ = "visit"
    county_code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True)
    beneficiary_id: Mapped[int]
    station_id: Mapped[int | None]
    contract_id: Mapped[int | None]
    contractor_id: Mapped[int | None]
    visited_on: Mapped[dt.date]
    kind: Mapped[str]
