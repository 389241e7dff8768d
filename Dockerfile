# One daemon, not root, nothing of the build left in the image. How to use it: README.md.
ARG PYTHON=python:3.12-slim
# The very image that was tried: `--build-arg DIGEST=@sha256:…`, as `docker buildx imagetools inspect` prints it.
ARG DIGEST=

FROM ${PYTHON}${DIGEST} AS build
# `--build-arg LOCK=requirements-cluster.lock` for a fleet on PostgreSQL: the extra [cluster] as well.
ARG LOCK=requirements.lock
WORKDIR /src
COPY requirements.lock requirements-cluster.lock ./
RUN python -m venv --without-pip /opt/mediawatch \
    && python -m pip --python /opt/mediawatch/bin/python install --no-cache-dir --disable-pip-version-check --require-hashes -r ${LOCK}
COPY pyproject.toml README.md LICENSE ./
COPY mediawatch ./mediawatch
RUN python -m pip --python /opt/mediawatch/bin/python install --no-cache-dir --disable-pip-version-check --no-deps .

FROM ${PYTHON}${DIGEST}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin mediawatch \
    && install -d -o mediawatch -g mediawatch -m 0700 /data
COPY --from=build /opt/mediawatch /opt/mediawatch
ENV PATH="/opt/mediawatch/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
# Everything that is written lies here: the store, the kept answers, the control socket. The rest may be read-only.
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# Asks the daemon itself, on its control socket. Another data_dir than ./data needs another path here.
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["python", "-c", "import socket; s = socket.socket(socket.AF_UNIX); s.settimeout(8); s.connect('data/control.sock'); s.sendall(b'GET /healthz HTTP/1.0\\r\\n\\r\\n'); raise SystemExit(b' 200 ' not in s.recv(64))"]
ENTRYPOINT ["mediawatch"]
CMD ["run"]
