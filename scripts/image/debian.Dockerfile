# Stands in for debian:*-slim; rootfs.tar is made by mmdebstrap out of Debian's packages.
FROM scratch
ADD rootfs.tar /
CMD ["bash"]
