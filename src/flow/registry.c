/* Finds connectors by name. The set itself is made by whoever embeds the engine. */
#include "flow/connector.h"

const struct weir_connector *weir_connector_find(const struct weir_connectors *connectors,
                                                 struct weir_slice name)
{
    for (size_t i = 0; i < connectors->count; i++)
        if (weir_slice_equals_ignoring_case(name,
                                            weir_slice_from_string(connectors->items[i]->name)))
            return connectors->items[i];
    return NULL;
}

bool weir_connector_is_later(const struct weir_connectors *connectors, struct weir_slice name)
{
    for (size_t i = 0; i < connectors->later_count; i++)
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(connectors->later[i])))
            return true;
    return false;
}
