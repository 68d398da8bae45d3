# Asterisk 22 from Debian's packages, with the files of dialplan/ unchanged and two phones, 1001 and 1002.
# For trying Aladdin CTI out; an own PBX includes the same files, see dialplan/README.md.
FROM debian:forky-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    asterisk asterisk-modules asterisk-core-sounds-en-gsm asterisk-moh-opsound-gsm \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o asterisk -g asterisk /run/asterisk /etc/asterisk/secrets
COPY config/container/asterisk /etc/asterisk
COPY dialplan /etc/asterisk/aladdin
USER asterisk
# SIP and sound; AMI (5038) and ARI (8088) are for the daemon only.
EXPOSE 5060/udp 10000-10019/udp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["asterisk", "-rx", "core waitfullybooted"]
ENTRYPOINT ["sh", "/etc/asterisk/start.sh"]
