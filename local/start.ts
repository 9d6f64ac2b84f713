import { enableCompileCache } from 'node:module';
import { COMPILE_CACHE_DIR } from './compile-cache.ts';

// Before anything else is loaded.
enableCompileCache(COMPILE_CACHE_DIR);
await import('./command.ts');
