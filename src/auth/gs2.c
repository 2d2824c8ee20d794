#include "auth/gs2.h"

void
gs2_append_name(struct str *out, struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (name.at[i] == ',')
			str_append_text(out, "=2C");
		else if (name.at[i] == '=')
			str_append_text(out, "=3D");
		else
			str_append_byte(out, name.at[i]);
}
