# The hub as an image: the locked packages, nothing else, and an unprivileged user.
FROM python:3.11.16-slim-bookworm AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/hub
WORKDIR /build
# Packages first: this layer stays as long as the lock file does.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --extra redis --no-install-project
COPY README.md LICENSE ./
COPY hub hub
COPY graphql_schema graphql_schema
COPY connectors connectors
COPY migrations migrations
RUN uv sync --locked --no-dev --extra redis --no-editable

FROM python:3.11.16-slim-bookworm
RUN useradd --uid 10001 --user-group --home-dir /var/lib/hub --shell /usr/sbin/nologin hub \
    && install -d -o hub -g hub -m 0700 /var/lib/hub /var/lib/hub/keys
COPY --from=build /opt/hub /opt/hub
ENV PATH=/opt/hub/bin:$PATH HUB_DATA_DIR=/var/lib/hub HUB_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/hub
EXPOSE 8000
CMD ["hub", "serve"]
