/* SELECT to plans: names, projections, aggregates, ORDER BY, set operations. */
#include "plan_test.h"

int main(int argc, char **argv)
{
    (void)argc;
    struct planning p;
    planning_begin(&p, argc > 2 ? WEIR_PLAN_MODE_RUN : WEIR_PLAN_MODE_SQL);
    planning_run(&p, tables_sql);
    printf("%.*s", (int)p.out.size, p.out.data);
    planning_run(&p, argv[1]);
    printf("%.*s", (int)p.out.size, p.out.data ? p.out.data : "");
    printf("%.*s", (int)p.notes.size, p.notes.data ? p.notes.data : "");
    planning_end(&p);
}
