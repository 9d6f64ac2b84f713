/** The real stacks log each request; thousands of them say nothing. Read when the logger is built: import it first. */
process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
