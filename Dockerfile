# The web application as a container: no root, nothing writable but /data and /tmp. docs/web.md says how to run it.

FROM debian:trixie-slim AS build
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN python3 -m venv /opt/inkdigits \
 && /opt/inkdigits/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt '.[web,postgres]' \
 && /opt/inkdigits/bin/pip uninstall --yes pip

FROM debian:trixie-slim
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 inkdigits \
 && useradd --uid 10001 --gid inkdigits --no-create-home --home-dir /data --shell /usr/sbin/nologin inkdigits \
 && install --directory --owner inkdigits --group inkdigits /data
COPY --from=build /opt/inkdigits /opt/inkdigits
ENV PATH=/opt/inkdigits/bin:/usr/local/bin:/usr/bin:/bin \
    INKDIGITS_HOST=0.0.0.0 \
    INKDIGITS_PORT=8377 \
    INKDIGITS_STORE=sqlite:////data/results.sqlite
USER 10001:10001
VOLUME /data
EXPOSE 8377
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python3", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['INKDIGITS_PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["inkdigits"]
CMD ["serve"]
