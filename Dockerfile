# The product for production: docker compose up --build (docs/operations.md). Same packages and fonts as `make setup`.
FROM node:20-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional
COPY static static
RUN npm run build

FROM python:3.11-slim-bookworm AS fonts
COPY scripts/fonts.sh scripts/fonts.conf.in /src/scripts/
RUN apt-get update && apt-get install -y --no-install-recommends fontconfig && /src/scripts/fonts.sh /app/var/fonts

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libseccomp2 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt
COPY --from=fonts /app/var/fonts var/fonts
COPY . .
COPY --from=assets /src/static/dist static/dist
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data STATIC_ROOT=/app/staticfiles \
    FONTCONFIG_FILE=/app/var/fonts/fonts.conf
# The key and the broker of this one command are used for nothing: they let the settings load.
RUN SECRET_KEY=build BROKER_URL=memory:// DATA_DIR=/tmp/build python manage.py collectstatic --noinput \
    && rm -rf /tmp/build \
    && useradd --uid 10001 --create-home fire \
    && install -d -o fire -g fire -m 750 /data \
    && chown fire var/fonts
USER fire
VOLUME /data
EXPOSE 8000
# Sync workers, one a core: measured faster on these pages than threads. WEB_CONCURRENCY is read by gunicorn itself.
ENV WEB_CONCURRENCY=2
CMD ["gunicorn", "fire_supervision.wsgi", "--config=fire_supervision/serving.py", "--bind=0.0.0.0:8000", "--timeout=60", "--max-requests=5000", "--max-requests-jitter=500", "--access-logfile=-"]
