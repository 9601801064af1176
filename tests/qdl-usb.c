// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of libusb that qdl calls, for LD_PRELOAD: one device in Sahara mode, whose bulk
 * endpoints are the Unix socket $QDL_USB_SOCKET. Types are as libusb's API documentation has them.
 *
 * A socket does not tell where a transfer ends, as USB does by a packet that is not full. So the
 * requests that go out are looked at: what comes in is either a packet of Sahara, which has its
 * length, or the bytes that were asked for, bare.
 */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	SUCCESS = 0,
	ERROR_IO = -1,
	ERROR_INVALID_PARAM = -2,
	ERROR_NO_DEVICE = -4,
	ERROR_TIMEOUT = -7,
	ERROR_OVERFLOW = -8,
};

enum { BULK = 2, ENDPOINT_OUT = 0x01, ENDPOINT_IN = 0x81, PACKET = 512, PRODUCT_STRING = 2 };

struct libusb_device_descriptor {
	uint8_t bLength;
	uint8_t bDescriptorType;
	uint16_t bcdUSB;
	uint8_t bDeviceClass;
	uint8_t bDeviceSubClass;
	uint8_t bDeviceProtocol;
	uint8_t bMaxPacketSize0;
	uint16_t idVendor;
	uint16_t idProduct;
	uint16_t bcdDevice;
	uint8_t iManufacturer;
	uint8_t iProduct;
	uint8_t iSerialNumber;
	uint8_t bNumConfigurations;
};

struct libusb_endpoint_descriptor {
	uint8_t bLength;
	uint8_t bDescriptorType;
	uint8_t bEndpointAddress;
	uint8_t bmAttributes;
	uint16_t wMaxPacketSize;
	uint8_t bInterval;
	uint8_t bRefresh;
	uint8_t bSynchAddress;
	const unsigned char *extra;
	int extra_length;
};

struct libusb_interface_descriptor {
	uint8_t bLength;
	uint8_t bDescriptorType;
	uint8_t bInterfaceNumber;
	uint8_t bAlternateSetting;
	uint8_t bNumEndpoints;
	uint8_t bInterfaceClass;
	uint8_t bInterfaceSubClass;
	uint8_t bInterfaceProtocol;
	uint8_t iInterface;
	const struct libusb_endpoint_descriptor *endpoint;
	const unsigned char *extra;
	int extra_length;
};

struct libusb_interface {
	const struct libusb_interface_descriptor *altsetting;
	int num_altsetting;
};

struct libusb_config_descriptor {
	uint8_t bLength;
	uint8_t bDescriptorType;
	uint16_t wTotalLength;
	uint8_t bNumInterfaces;
	uint8_t bConfigurationValue;
	uint8_t iConfiguration;
	uint8_t bmAttributes;
	uint8_t MaxPower;
	const struct libusb_interface *interface;
	const unsigned char *extra;
	int extra_length;
};

struct libusb_context;
struct libusb_device { int unused; };
struct libusb_device_handle { int socket; };

int libusb_init(struct libusb_context **context);
void libusb_exit(struct libusb_context *context);
ssize_t libusb_get_device_list(struct libusb_context *context, struct libusb_device ***list);
void libusb_free_device_list(struct libusb_device **list, int unref_devices);
int libusb_get_device_descriptor(struct libusb_device *dev, struct libusb_device_descriptor *desc);
int libusb_get_active_config_descriptor(struct libusb_device *dev,
					struct libusb_config_descriptor **config);
void libusb_free_config_descriptor(struct libusb_config_descriptor *config);
int libusb_open(struct libusb_device *dev, struct libusb_device_handle **handle);
void libusb_close(struct libusb_device_handle *handle);
struct libusb_device *libusb_get_device(struct libusb_device_handle *handle);
int libusb_get_string_descriptor_ascii(struct libusb_device_handle *handle, uint8_t index,
				       unsigned char *data, int length);
int libusb_detach_kernel_driver(struct libusb_device_handle *handle, int interface);
int libusb_claim_interface(struct libusb_device_handle *handle, int interface);
int libusb_bulk_transfer(struct libusb_device_handle *handle, unsigned char endpoint,
			 unsigned char *data, int length, int *transferred, unsigned int timeout);
const char *libusb_strerror(int code);

static const struct libusb_device_descriptor device_descriptor = {
	.bLength = 18, .bDescriptorType = 1, .bcdUSB = 0x200, .bMaxPacketSize0 = 64,
	.idVendor = 0x05c6, .idProduct = 0x900e, .iProduct = PRODUCT_STRING, .bNumConfigurations = 1,
};

static const struct libusb_endpoint_descriptor endpoints[] = {
	{ .bLength = 7, .bDescriptorType = 5, .bEndpointAddress = ENDPOINT_IN,
	  .bmAttributes = BULK, .wMaxPacketSize = PACKET },
	{ .bLength = 7, .bDescriptorType = 5, .bEndpointAddress = ENDPOINT_OUT,
	  .bmAttributes = BULK, .wMaxPacketSize = PACKET },
};

static const struct libusb_interface_descriptor interface_descriptor = {
	.bLength = 9, .bDescriptorType = 4, .bNumEndpoints = 2, .bInterfaceClass = 0xff,
	.bInterfaceSubClass = 0xff, .bInterfaceProtocol = 0x10, .endpoint = endpoints,
};

static const struct libusb_interface interfaces[] = {
	{ .altsetting = &interface_descriptor, .num_altsetting = 1 },
};

static struct libusb_config_descriptor config_descriptor = {
	.bLength = 9, .bDescriptorType = 2, .bNumInterfaces = 1, .bConfigurationValue = 1,
	.interface = interfaces,
};

static struct libusb_device device;
static struct libusb_device_handle device_handle = { .socket = -1 };

/* What the last request asked for, until it comes */
static uint64_t asked;
/* What is still to come of the transfer under way, and whether an empty packet is to end it */
static uint64_t left;
static bool empty_packet_due;
/* The device waits for the host: to wait for it would be for nothing */
static bool refused;

int libusb_init(struct libusb_context **context)
{
	if (context)
		*context = NULL;
	return SUCCESS;
}

void libusb_exit(struct libusb_context *context)
{
	(void)context;
}

ssize_t libusb_get_device_list(struct libusb_context *context, struct libusb_device ***list)
{
	static struct libusb_device *devices[] = { &device, NULL };

	(void)context;
	*list = devices;
	return 1;
}

void libusb_free_device_list(struct libusb_device **list, int unref_devices)
{
	(void)list;
	(void)unref_devices;
}

int libusb_get_device_descriptor(struct libusb_device *dev, struct libusb_device_descriptor *desc)
{
	(void)dev;
	*desc = device_descriptor;
	return SUCCESS;
}

int libusb_get_active_config_descriptor(struct libusb_device *dev,
					struct libusb_config_descriptor **config)
{
	(void)dev;
	*config = &config_descriptor;
	return SUCCESS;
}

void libusb_free_config_descriptor(struct libusb_config_descriptor *config)
{
	(void)config;
}

int libusb_open(struct libusb_device *dev, struct libusb_device_handle **handle)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("QDL_USB_SOCKET");

	(void)dev;
	if (!path || strlen(path) >= sizeof(address.sun_path))
		return ERROR_NO_DEVICE;
	strcpy(address.sun_path, path);
	device_handle.socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(device_handle.socket, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(device_handle.socket);
		return ERROR_NO_DEVICE;
	}
	*handle = &device_handle;
	return SUCCESS;
}

void libusb_close(struct libusb_device_handle *handle)
{
	close(handle->socket);
}

struct libusb_device *libusb_get_device(struct libusb_device_handle *handle)
{
	(void)handle;
	return &device;
}

int libusb_get_string_descriptor_ascii(struct libusb_device_handle *handle, uint8_t index,
				       unsigned char *data, int length)
{
	(void)handle;
	if (index != PRODUCT_STRING || length < 1)
		return ERROR_INVALID_PARAM;
	return snprintf((char *)data, (size_t)length, "QUSB__BULK_SN:5EED1234");
}

int libusb_detach_kernel_driver(struct libusb_device_handle *handle, int interface)
{
	(void)handle;
	(void)interface;
	return SUCCESS;
}

int libusb_claim_interface(struct libusb_device_handle *handle, int interface)
{
	(void)handle;
	return interface == interface_descriptor.bInterfaceNumber ? SUCCESS : ERROR_INVALID_PARAM;
}

const char *libusb_strerror(int code)
{
	return code == ERROR_TIMEOUT ? "timed out" :
	       code == ERROR_OVERFLOW ? "overflow" :
	       code == ERROR_NO_DEVICE ? "the device is gone" : "an error";
}

/*
 * Waits for SIZE bytes, which stay if FLAGS has MSG_PEEK. Returns how many there are; an error if
 * there are less.
 */
static int receive(void *data, size_t size, int flags, int timeout, int *error)
{
	size_t done = 0;

	*error = SUCCESS;
	while (done < size) {
		struct pollfd pollfd = { .fd = device_handle.socket, .events = POLLIN };
		const int ready = poll(&pollfd, 1, timeout);
		ssize_t got;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0) {
			*error = ready ? ERROR_IO : ERROR_TIMEOUT;
			break;
		}
		got = recv(device_handle.socket, (char *)data + done, size - done, flags);
		if (got <= 0) {
			*error = ERROR_NO_DEVICE;
			break;
		}
		done += (size_t)got;
		/* The model sends packets at once: a second look would only see the same again. */
		if (flags & MSG_PEEK)
			break;
	}
	return (int)done;
}

/* How long is what the device sends next? A refusal comes in the place of what was asked for. */
static int start_transfer(int timeout)
{
	static const uint8_t refusal[12] = { [0] = 0x4, [4] = 0x10 };
	uint32_t packet[4] = { 0 };
	int error, got;

	if (refused)
		return ERROR_TIMEOUT;
	got = receive(packet, sizeof(packet), MSG_PEEK, timeout, &error);
	if (error)
		return error;
	refused = asked && got == sizeof(packet) && memcmp(packet, refusal, sizeof(refusal)) == 0;
	if (asked && !refused)
		left = asked;
	else if (got >= 8)
		left = le32toh(packet[1]);
	else
		return ERROR_IO;
	asked = 0;
	return SUCCESS;
}

/* To the end of the buffer or of the transfer, whatever comes first */
static int bulk_in(unsigned char *data, int length, int *transferred, int timeout)
{
	int error = SUCCESS;
	bool ends_full;

	if (empty_packet_due) {
		empty_packet_due = false;
		return SUCCESS;
	}
	if (!left)
		error = start_transfer(timeout);
	if (error)
		return error;
	/* The buffer ends inside of a packet */
	if (left > (uint64_t)length && (length % PACKET || !length))
		return ERROR_OVERFLOW;
	ends_full = left == (uint64_t)length && length % PACKET == 0;
	if (left < (uint64_t)length)
		length = (int)left;
	*transferred = receive(data, (size_t)length, 0, timeout, &error);
	left -= (uint64_t)*transferred;
	empty_packet_due = ends_full && !left;
	return error;
}

static int bulk_out(const unsigned char *data, int length, int *transferred)
{
	enum { MEMORY_READ = 0xa, MEMORY_READ_64 = 0x11 };
	uint32_t packet[6] = { 0 };

	memcpy(packet, data, (size_t)length < sizeof(packet) ? (size_t)length : sizeof(packet));
	if (le32toh(packet[0]) == MEMORY_READ)
		asked = le32toh(packet[3]);
	if (le32toh(packet[0]) == MEMORY_READ_64)
		asked = le32toh(packet[4]) | (uint64_t)le32toh(packet[5]) << 32;
	refused = false;
	while (*transferred < length) {
		const ssize_t sent = send(device_handle.socket, data + *transferred,
					  (size_t)(length - *transferred), MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return ERROR_NO_DEVICE;
		if (sent > 0)
			*transferred += (int)sent;
	}
	return SUCCESS;
}

int libusb_bulk_transfer(struct libusb_device_handle *handle, unsigned char endpoint,
			 unsigned char *data, int length, int *transferred, unsigned int timeout)
{
	/* The model's machine may be busy, which a device is not: only a look is short. */
	const int patience = timeout && timeout < 100 ? (int)timeout : 60 * 1000;
	int ignored;

	(void)handle;
	if (!transferred)
		transferred = &ignored;
	*transferred = 0;
	if (endpoint == ENDPOINT_IN)
		return bulk_in(data, length, transferred, patience);
	if (endpoint == ENDPOINT_OUT)
		return length ? bulk_out(data, length, transferred) : SUCCESS;
	return ERROR_INVALID_PARAM;
}
