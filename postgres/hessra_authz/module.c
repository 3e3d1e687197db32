#include "hessra_authz.h"

#include "golibrary.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void _PG_init(void) {
  golibrary_refuse_preload("hessra_authz");
  settings_define();
}
