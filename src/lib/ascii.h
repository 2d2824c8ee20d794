/* ascii - classes of bytes that do not depend on a locale. */
#ifndef LIB_ASCII_H
#define LIB_ASCII_H

#include <stdbool.h>

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static inline bool
ascii_is_blank(char c) /* space or tab */
{
	return c == ' ' || c == '\t';
}

static inline bool
ascii_is_control(char c) /* 0x00 to 0x1f, and 0x7f */
{
	return (unsigned char)c < 0x20 || (unsigned char)c == 0x7f;
}

static inline bool
ascii_is_graphic(char c) /* 0x21 to 0x7e */
{
	return (unsigned char)c > 0x20 && (unsigned char)c < 0x7f;
}

#endif
