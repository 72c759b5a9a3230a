# One image for every role; compose.yaml says which process does what. It holds no secrets.
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/beatline
COPY . .
RUN /opt/beatline/bin/pip install --no-cache-dir '.[media,pgp,postgres]'

FROM python:3.12-slim
COPY --from=build /opt/beatline /opt/beatline
# ffmpeg cleans the videos that come with concerns; without it they are refused in words.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/beatline beatline \
 && install -d -o beatline -g beatline -m 0700 /var/lib/beatline/data /var/lib/beatline/keys
USER beatline
WORKDIR /var/lib/beatline
ENV PATH=/opt/beatline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/var/lib/beatline/data \
    SECRETS_FILE=/var/lib/beatline/keys/secrets.toml \
    LOG_FORMAT=json
VOLUME ["/var/lib/beatline/data", "/var/lib/beatline/keys"]
ENTRYPOINT ["beatline"]
CMD ["run"]
