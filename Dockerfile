# The daemon as an image: Debian, the node binary, what runs in production and nothing else; no npm, no compiler.
# `npm run image` builds and runs it without a container engine (scripts/image.mjs).

FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Source maps and type declarations are a third of all bytes, and nothing reads them.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/areas.mjs scripts/
COPY src src
RUN node scripts/build.mjs

FROM debian:trixie-slim
LABEL org.opencontainers.image.title="Aladdin CTI" \
  org.opencontainers.image.description="Headless CTI middleware for Asterisk, with a REST and event API" \
  org.opencontainers.image.licenses="Apache-2.0"
COPY --from=dependencies /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY config config
COPY dialplan dialplan
COPY package.json LICENSE* NOTICE* ./
COPY --from=build /app/build/src build/src
ENV NODE_ENV=production \
  ALADDIN_CONFIG=/etc/aladdin/aladdin.yaml \
  ALADDIN_HEALTH_URL=http://127.0.0.1:8080/healthz
# The only place it writes to, and only while Redis is away: the journal.
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/aladdin
WORKDIR /var/lib/aladdin
# A number, so that a cluster can check that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.ALADDIN_HEALTH_URL).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# `start` may be replaced: `docker run --rm aladdin-cti key crm` makes an API key.
ENTRYPOINT ["node", "/app/build/src/main.js"]
CMD ["start"]
