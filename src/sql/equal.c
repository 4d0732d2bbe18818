/* Equality of trees, positions and needless quotes left aside.
 *
 * Every field that the text decides is compared; the tests and the fuzz target rest on this, so it
 * is written out field by field and shares nothing with the printer. */
#include "sql/sql.h"

typedef bool item_equal(const void *a, const void *b);

/* Lists of items of one size. */
static bool equal_items(const void *a, uint32_t a_count, const void *b, uint32_t b_count,
                        size_t size, item_equal *equal)
{
    if (a_count != b_count)
        return false;
    const char *left = a, *right = b;
    for (uint32_t i = 0; i < a_count; i++)
        if (!equal(left + i * size, right + i * size))
            return false;
    return true;
}

static bool equal_text(struct weir_slice a, struct weir_slice b)
{
    return weir_slice_equals(a, b);
}

static bool equal_name(const void *a, const void *b)
{
    const struct weir_sql_name *left = a, *right = b;
    return (left->text.data == NULL) == (right->text.data == NULL) &&
           equal_text(left->text, right->text);
}

static bool equal_names(const struct weir_sql_names *a, const struct weir_sql_names *b)
{
    return equal_items(a->items, a->count, b->items, b->count, sizeof *a->items, equal_name);
}

static bool equal_names_item(const void *a, const void *b)
{
    return equal_names(a, b);
}

static bool equal_expr_item(const void *a, const void *b)
{
    const struct weir_sql_expr *left, *right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return weir_sql_equal_expression(left, right);
}

static bool equal_exprs(const struct weir_sql_exprs *a, const struct weir_sql_exprs *b)
{
    return equal_items(a->items, a->count, b->items, b->count, sizeof *a->items, equal_expr_item);
}

static bool equal_exprs_item(const void *a, const void *b)
{
    return equal_exprs(a, b);
}

/* ---------------------------------------------------------------- types */

static bool equal_field(const void *a, const void *b)
{
    const struct weir_sql_field *left = a, *right = b;
    return equal_name(&left->name, &right->name) && left->not_null == right->not_null &&
           weir_sql_equal_type(left->type, right->type);
}

bool weir_sql_equal_type(const struct weir_sql_type *a, const struct weir_sql_type *b)
{
    if (!a || !b)
        return a == b;
    return a->kind == b->kind && equal_names(&a->name, &b->name) && a->precision == b->precision &&
           a->scale == b->scale && a->from == b->from && a->to == b->to &&
           weir_sql_equal_type(a->element, b->element) && weir_sql_equal_type(a->key, b->key) &&
           equal_items(a->fields, a->fields_count, b->fields, b->fields_count, sizeof *a->fields,
                       equal_field);
}

/* ---------------------------------------------------------------- parts of expressions */

static bool equal_order(const void *a, const void *b)
{
    const struct weir_sql_order *left = a, *right = b;
    return left->descending == right->descending && left->nulls == right->nulls &&
           weir_sql_equal_expression(left->expr, right->expr);
}

static bool equal_orders(const struct weir_sql_orders *a, const struct weir_sql_orders *b)
{
    return equal_items(a->items, a->count, b->items, b->count, sizeof *a->items, equal_order);
}

static bool equal_bound(const struct weir_sql_bound *a, const struct weir_sql_bound *b)
{
    return a->kind == b->kind && weir_sql_equal_expression(a->value, b->value);
}

static bool equal_frame(const struct weir_sql_frame *a, const struct weir_sql_frame *b)
{
    if (!a || !b)
        return a == b;
    return a->unit == b->unit && a->exclude == b->exclude && equal_bound(&a->start, &b->start) &&
           equal_bound(&a->end, &b->end);
}

static bool equal_window(const struct weir_sql_window *a, const struct weir_sql_window *b)
{
    if (!a || !b)
        return a == b;
    return equal_name(&a->base, &b->base) && a->is_reference == b->is_reference &&
           equal_exprs(&a->partition_by, &b->partition_by) &&
           equal_orders(&a->order_by, &b->order_by) && equal_frame(a->frame, b->frame);
}

static bool equal_argument(const void *a, const void *b)
{
    const struct weir_sql_argument *left = a, *right = b;
    return equal_name(&left->name, &right->name) && left->is_table == right->is_table &&
           weir_sql_equal_expression(left->value, right->value) &&
           equal_exprs(&left->partition_by, &right->partition_by);
}

static bool equal_call(const struct weir_sql_call *a, const struct weir_sql_call *b)
{
    return equal_names(&a->name, &b->name) && a->star == b->star && a->distinct == b->distinct &&
           a->nulls == b->nulls &&
           equal_items(a->arguments, a->arguments_count, b->arguments, b->arguments_count,
                       sizeof *a->arguments, equal_argument) &&
           equal_orders(&a->order_by, &b->order_by) &&
           equal_orders(&a->within_group, &b->within_group) &&
           weir_sql_equal_expression(a->filter, b->filter) && equal_window(a->over, b->over);
}

static bool equal_when(const void *a, const void *b)
{
    const struct weir_sql_when *left = a, *right = b;
    return weir_sql_equal_expression(left->condition, right->condition) &&
           weir_sql_equal_expression(left->result, right->result);
}

/* ---------------------------------------------------------------- expressions */

static bool equal_star(const struct weir_sql_expr *a, const struct weir_sql_expr *b)
{
    return equal_names(&a->star.qualifier, &b->star.qualifier) &&
           weir_sql_equal_expression(a->star.operand, b->star.operand) &&
           equal_names(&a->star.except, &b->star.except) &&
           equal_exprs(&a->star.replace, &b->star.replace) &&
           equal_names(&a->star.replace_names, &b->star.replace_names);
}

static bool equal_case(const struct weir_sql_expr *a, const struct weir_sql_expr *b)
{
    return weir_sql_equal_expression(a->cases.operand, b->cases.operand) &&
           weir_sql_equal_expression(a->cases.otherwise, b->cases.otherwise) &&
           equal_items(a->cases.whens, a->cases.whens_count, b->cases.whens, b->cases.whens_count,
                       sizeof *a->cases.whens, equal_when);
}

/* Tests: IN, ANY, BETWEEN, LIKE, IS. */
static bool equal_test(const struct weir_sql_expr *a, const struct weir_sql_expr *b)
{
    switch (a->kind) {
    case WEIR_SQL_EXPR_IN_LIST:
        return a->in_list.negated == b->in_list.negated &&
               weir_sql_equal_expression(a->in_list.operand, b->in_list.operand) &&
               equal_exprs(&a->in_list.items, &b->in_list.items);
    case WEIR_SQL_EXPR_IN_QUERY:
        return a->in_query.negated == b->in_query.negated &&
               weir_sql_equal_expression(a->in_query.operand, b->in_query.operand) &&
               weir_sql_equal_query(a->in_query.query, b->in_query.query);
    case WEIR_SQL_EXPR_QUANTIFIED:
        return a->quantified.op == b->quantified.op && a->quantified.all == b->quantified.all &&
               weir_sql_equal_expression(a->quantified.operand, b->quantified.operand) &&
               weir_sql_equal_query(a->quantified.query, b->quantified.query) &&
               weir_sql_equal_expression(a->quantified.array, b->quantified.array);
    case WEIR_SQL_EXPR_BETWEEN:
        return a->between.negated == b->between.negated &&
               a->between.symmetric == b->between.symmetric &&
               weir_sql_equal_expression(a->between.operand, b->between.operand) &&
               weir_sql_equal_expression(a->between.low, b->between.low) &&
               weir_sql_equal_expression(a->between.high, b->between.high);
    case WEIR_SQL_EXPR_LIKE:
        return a->like.kind == b->like.kind && a->like.negated == b->like.negated &&
               a->like.any == b->like.any && a->like.all == b->like.all &&
               weir_sql_equal_expression(a->like.operand, b->like.operand) &&
               weir_sql_equal_expression(a->like.pattern, b->like.pattern) &&
               weir_sql_equal_expression(a->like.escape, b->like.escape);
    default:
        return a->is.kind == b->is.kind && a->is.negated == b->is.negated &&
               weir_sql_equal_expression(a->is.operand, b->is.operand) &&
               weir_sql_equal_expression(a->is.right, b->is.right) &&
               equal_text(a->is.form, b->is.form);
    }
}

/* Operators, casts and what hangs on behind an operand. */
static bool equal_operation(const struct weir_sql_expr *a, const struct weir_sql_expr *b)
{
    switch (a->kind) {
    case WEIR_SQL_EXPR_UNARY:
        return a->unary.op == b->unary.op &&
               weir_sql_equal_expression(a->unary.operand, b->unary.operand);
    case WEIR_SQL_EXPR_BINARY:
        return a->binary.op == b->binary.op &&
               weir_sql_equal_expression(a->binary.left, b->binary.left) &&
               weir_sql_equal_expression(a->binary.right, b->binary.right);
    case WEIR_SQL_EXPR_CAST:
        return a->cast.try_cast == b->cast.try_cast &&
               weir_sql_equal_expression(a->cast.operand, b->cast.operand) &&
               weir_sql_equal_type(a->cast.type, b->cast.type);
    case WEIR_SQL_EXPR_AT_TIME_ZONE:
        return weir_sql_equal_expression(a->at_time_zone.operand, b->at_time_zone.operand) &&
               weir_sql_equal_expression(a->at_time_zone.zone, b->at_time_zone.zone);
    case WEIR_SQL_EXPR_COLLATE:
        return weir_sql_equal_expression(a->collate.operand, b->collate.operand) &&
               equal_names(&a->collate.collation, &b->collate.collation);
    case WEIR_SQL_EXPR_SUBSCRIPT:
        return weir_sql_equal_expression(a->subscript.operand, b->subscript.operand) &&
               weir_sql_equal_expression(a->subscript.index, b->subscript.index);
    case WEIR_SQL_EXPR_SLICE:
        return weir_sql_equal_expression(a->slice.operand, b->slice.operand) &&
               weir_sql_equal_expression(a->slice.low, b->slice.low) &&
               weir_sql_equal_expression(a->slice.high, b->slice.high);
    default: /* FIELD */
        return weir_sql_equal_expression(a->field.operand, b->field.operand) &&
               equal_name(&a->field.name, &b->field.name);
    }
}

bool weir_sql_equal_expression(const struct weir_sql_expr *a, const struct weir_sql_expr *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case WEIR_SQL_EXPR_NULL:
        return true;
    case WEIR_SQL_EXPR_BOOLEAN:
        return a->boolean == b->boolean;
    case WEIR_SQL_EXPR_INTEGER:
    case WEIR_SQL_EXPR_DECIMAL:
    case WEIR_SQL_EXPR_FLOAT:
    case WEIR_SQL_EXPR_STRING:
    case WEIR_SQL_EXPR_BITS:
    case WEIR_SQL_EXPR_HEX:
        return equal_text(a->text, b->text);
    case WEIR_SQL_EXPR_TYPED:
        return weir_sql_equal_type(a->typed.type, b->typed.type) &&
               equal_text(a->typed.text, b->typed.text);
    case WEIR_SQL_EXPR_PARAMETER:
        return a->parameter == b->parameter;
    case WEIR_SQL_EXPR_NAME:
        return equal_names(&a->name, &b->name);
    case WEIR_SQL_EXPR_STAR:
        return equal_star(a, b);
    case WEIR_SQL_EXPR_AND:
    case WEIR_SQL_EXPR_OR:
    case WEIR_SQL_EXPR_ROW:
    case WEIR_SQL_EXPR_ARRAY:
        return equal_exprs(&a->list, &b->list);
    case WEIR_SQL_EXPR_CASE:
        return equal_case(a, b);
    case WEIR_SQL_EXPR_CALL:
        return equal_call(a->call, b->call);
    case WEIR_SQL_EXPR_EXISTS:
    case WEIR_SQL_EXPR_QUERY:
    case WEIR_SQL_EXPR_ARRAY_QUERY:
        return weir_sql_equal_query(a->query, b->query);
    case WEIR_SQL_EXPR_IN_LIST:
    case WEIR_SQL_EXPR_IN_QUERY:
    case WEIR_SQL_EXPR_QUANTIFIED:
    case WEIR_SQL_EXPR_BETWEEN:
    case WEIR_SQL_EXPR_LIKE:
    case WEIR_SQL_EXPR_IS:
        return equal_test(a, b);
    case WEIR_SQL_EXPR_STRUCT:
        return equal_items(a->fields.items, a->fields.count, b->fields.items, b->fields.count,
                           sizeof *a->fields.items, equal_argument);
    case WEIR_SQL_EXPR_MAP:
        return equal_exprs(&a->map.keys, &b->map.keys) &&
               equal_exprs(&a->map.values, &b->map.values);
    default:
        return equal_operation(a, b);
    }
}

/* ---------------------------------------------------------------- tables */

static bool equal_table(const struct weir_sql_table *a, const struct weir_sql_table *b);

static bool equal_join(const struct weir_sql_table *a, const struct weir_sql_table *b)
{
    return a->join.kind == b->join.kind && a->join.natural == b->join.natural &&
           a->join.asof == b->join.asof && equal_table(a->join.left, b->join.left) &&
           equal_table(a->join.right, b->join.right) &&
           weir_sql_equal_expression(a->join.on, b->join.on) &&
           equal_names(&a->join.using, &b->join.using);
}

static bool equal_alias(const struct weir_sql_table *a, const struct weir_sql_table *b)
{
    if (!equal_name(&a->alias, &b->alias) || !equal_names(&a->alias_columns, &b->alias_columns) ||
        (a->alias_types == NULL) != (b->alias_types == NULL))
        return false;
    for (uint32_t i = 0; a->alias_types && i < a->alias_columns.count; i++)
        if (!weir_sql_equal_type(a->alias_types[i], b->alias_types[i]))
            return false;
    return true;
}

static bool equal_table(const struct weir_sql_table *a, const struct weir_sql_table *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->lateral != b->lateral || !equal_alias(a, b) ||
        !weir_sql_equal_expression(a->system_time, b->system_time))
        return false;
    switch (a->kind) {
    case WEIR_SQL_TABLE_NAME:
        return equal_names(&a->name, &b->name);
    case WEIR_SQL_TABLE_FILE:
        return equal_text(a->path, b->path);
    case WEIR_SQL_TABLE_FUNCTION:
        return a->function.with_ordinality == b->function.with_ordinality &&
               equal_call(a->function.call, b->function.call);
    case WEIR_SQL_TABLE_QUERY:
        return weir_sql_equal_query(a->query, b->query);
    case WEIR_SQL_TABLE_JOIN:
        return equal_join(a, b);
    }
    return false;
}

/* ---------------------------------------------------------------- queries */

static bool equal_select_item(const void *a, const void *b)
{
    const struct weir_sql_select_item *left = a, *right = b;
    return equal_name(&left->alias, &right->alias) &&
           weir_sql_equal_expression(left->expr, right->expr);
}

static bool equal_grouping(const void *a, const void *b)
{
    const struct weir_sql_grouping *left = a, *right = b;
    return left->kind == right->kind && weir_sql_equal_expression(left->expr, right->expr) &&
           equal_exprs(&left->exprs, &right->exprs) &&
           equal_items(left->items, left->items_count, right->items, right->items_count,
                       sizeof *left->items, equal_grouping);
}

static bool equal_named_window(const void *a, const void *b)
{
    const struct weir_sql_named_window *left = a, *right = b;
    return equal_name(&left->name, &right->name) && equal_window(left->window, right->window);
}

static bool equal_select(const struct weir_sql_select *a, const struct weir_sql_select *b)
{
    return a->distinct == b->distinct && equal_exprs(&a->distinct_on, &b->distinct_on) &&
           equal_items(a->items, a->items_count, b->items, b->items_count, sizeof *a->items,
                       equal_select_item) &&
           equal_table(a->from, b->from) && weir_sql_equal_expression(a->where, b->where) &&
           a->group_by_distinct == b->group_by_distinct &&
           equal_items(a->group_by, a->group_by_count, b->group_by, b->group_by_count,
                       sizeof *a->group_by, equal_grouping) &&
           weir_sql_equal_expression(a->having, b->having) &&
           equal_items(a->windows, a->windows_count, b->windows, b->windows_count,
                       sizeof *a->windows, equal_named_window) &&
           weir_sql_equal_expression(a->qualify, b->qualify);
}

static bool equal_body(const struct weir_sql_body *a, const struct weir_sql_body *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case WEIR_SQL_BODY_SELECT:
        return equal_select(a->select, b->select);
    case WEIR_SQL_BODY_VALUES:
        return equal_items(a->rows.items, a->rows.count, b->rows.items, b->rows.count,
                           sizeof *a->rows.items, equal_exprs_item);
    case WEIR_SQL_BODY_TABLE:
        return equal_names(&a->table, &b->table);
    case WEIR_SQL_BODY_SET:
        return a->set.kind == b->set.kind && a->set.all == b->set.all &&
               equal_body(a->set.left, b->set.left) && equal_body(a->set.right, b->set.right);
    case WEIR_SQL_BODY_QUERY:
        return weir_sql_equal_query(a->query, b->query);
    }
    return false;
}

static bool equal_cte(const void *a, const void *b)
{
    const struct weir_sql_cte *left = a, *right = b;
    return equal_name(&left->name, &right->name) && equal_names(&left->columns, &right->columns) &&
           weir_sql_equal_query(left->query, right->query);
}

bool weir_sql_equal_query(const struct weir_sql_query *a, const struct weir_sql_query *b)
{
    if (!a || !b)
        return a == b;
    return a->recursive == b->recursive &&
           equal_items(a->ctes, a->ctes_count, b->ctes, b->ctes_count, sizeof *a->ctes,
                       equal_cte) &&
           equal_body(a->body, b->body) && equal_orders(&a->order_by, &b->order_by) &&
           weir_sql_equal_expression(a->limit, b->limit) &&
           weir_sql_equal_expression(a->offset, b->offset) && a->with_ties == b->with_ties &&
           a->emit.kind == b->emit.kind &&
           weir_sql_equal_expression(a->emit.interval, b->emit.interval);
}

/* ---------------------------------------------------------------- statements */

static bool equal_option(const void *a, const void *b)
{
    const struct weir_sql_option *left = a, *right = b;
    return left->kind == right->kind && equal_text(left->key, right->key) &&
           equal_text(left->value, right->value);
}

static bool equal_options(const struct weir_sql_options *a, const struct weir_sql_options *b)
{
    return equal_items(a->items, a->count, b->items, b->count, sizeof *a->items, equal_option);
}

static bool equal_column(const void *a, const void *b)
{
    const struct weir_sql_column *left = a, *right = b;
    return equal_name(&left->name, &right->name) && weir_sql_equal_type(left->type, right->type) &&
           left->not_null == right->not_null && left->primary_key == right->primary_key &&
           left->has_metadata == right->has_metadata &&
           equal_text(left->metadata, right->metadata) &&
           weir_sql_equal_expression(left->generated, right->generated) &&
           left->storage == right->storage && left->has_comment == right->has_comment &&
           equal_text(left->comment, right->comment);
}

static bool equal_watermark(const struct weir_sql_watermark *a, const struct weir_sql_watermark *b)
{
    if (!a || !b)
        return a == b;
    return equal_names(&a->column, &b->column) && weir_sql_equal_expression(a->expr, b->expr);
}

static bool equal_create_table(const struct weir_sql_create_table *a,
                               const struct weir_sql_create_table *b)
{
    return a->temporary == b->temporary && a->if_not_exists == b->if_not_exists &&
           a->or_replace == b->or_replace && equal_names(&a->name, &b->name) &&
           a->has_columns == b->has_columns &&
           equal_items(a->columns, a->columns_count, b->columns, b->columns_count,
                       sizeof *a->columns, equal_column) &&
           equal_watermark(a->watermark, b->watermark) &&
           a->has_primary_key == b->has_primary_key &&
           equal_names(&a->primary_key, &b->primary_key) &&
           equal_exprs(&a->partitioned_by, &b->partitioned_by) &&
           a->has_comment == b->has_comment && equal_text(a->comment, b->comment) &&
           a->has_options == b->has_options && equal_options(&a->options, &b->options) &&
           weir_sql_equal_query(a->query, b->query);
}

static bool equal_create_view(const struct weir_sql_create_view *a,
                              const struct weir_sql_create_view *b)
{
    return a->materialized == b->materialized && a->temporary == b->temporary &&
           a->if_not_exists == b->if_not_exists && a->or_replace == b->or_replace &&
           equal_names(&a->name, &b->name) && equal_names(&a->columns, &b->columns) &&
           equal_options(&a->options, &b->options) && weir_sql_equal_query(a->query, b->query);
}

static bool equal_create_function(const struct weir_sql_create_function *a,
                                  const struct weir_sql_create_function *b)
{
    return a->or_replace == b->or_replace && a->if_not_exists == b->if_not_exists &&
           equal_names(&a->name, &b->name) &&
           equal_items(a->arguments, a->arguments_count, b->arguments, b->arguments_count,
                       sizeof *a->arguments, equal_field) &&
           weir_sql_equal_type(a->returns, b->returns) && equal_name(&a->language, &b->language) &&
           a->volatility == b->volatility && a->strict == b->strict &&
           equal_options(&a->options, &b->options) && equal_text(a->body, b->body) &&
           a->has_symbol == b->has_symbol && equal_text(a->symbol, b->symbol);
}

static bool equal_create_timeline(const struct weir_sql_create_timeline *a,
                                  const struct weir_sql_create_timeline *b)
{
    return a->or_replace == b->or_replace && equal_names(&a->name, &b->name) &&
           equal_text(a->body, b->body);
}

static bool equal_insert(const struct weir_sql_insert *a, const struct weir_sql_insert *b)
{
    return equal_names(&a->table, &b->table) && equal_names(&a->columns, &b->columns) &&
           weir_sql_equal_query(a->query, b->query);
}

static bool equal_explain(const struct weir_sql_explain *a, const struct weir_sql_explain *b)
{
    return a->form == b->form && a->json == b->json && a->analyze == b->analyze &&
           weir_sql_equal_statement(a->statement, b->statement);
}

static bool equal_drop(const struct weir_sql_drop *a, const struct weir_sql_drop *b)
{
    return a->kind == b->kind && a->if_exists == b->if_exists &&
           equal_items(a->items, a->count, b->items, b->count, sizeof *a->items, equal_names_item);
}

bool weir_sql_equal_statement(const struct weir_sql_statement *a,
                              const struct weir_sql_statement *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case WEIR_SQL_CREATE_TABLE:
        return equal_create_table(a->create_table, b->create_table);
    case WEIR_SQL_CREATE_VIEW:
        return equal_create_view(a->create_view, b->create_view);
    case WEIR_SQL_CREATE_FUNCTION:
        return equal_create_function(a->create_function, b->create_function);
    case WEIR_SQL_CREATE_TIMELINE:
        return equal_create_timeline(a->create_timeline, b->create_timeline);
    case WEIR_SQL_INSERT:
        return equal_insert(a->insert, b->insert);
    case WEIR_SQL_QUERY:
        return weir_sql_equal_query(a->query, b->query);
    case WEIR_SQL_SET:
        return equal_option(a->option, b->option);
    case WEIR_SQL_EXPLAIN:
        return equal_explain(a->explain, b->explain);
    case WEIR_SQL_DESCRIBE:
        return equal_names(&a->describe, &b->describe);
    case WEIR_SQL_SHOW:
        return a->show == b->show;
    case WEIR_SQL_DROP:
        return equal_drop(a->drop, b->drop);
    }
    return false;
}

static bool equal_statement_item(const void *a, const void *b)
{
    const struct weir_sql_statement *left, *right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return weir_sql_equal_statement(left, right);
}

bool weir_sql_equal_program(const struct weir_sql_program *a, const struct weir_sql_program *b)
{
    if (!a || !b)
        return a == b;
    return equal_items(a->statements, a->statements_count, b->statements, b->statements_count,
                       sizeof *a->statements, equal_statement_item);
}
