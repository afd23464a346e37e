/** How records stand in a file. `json` of the options becomes `ndjson` or `jsonArray` when the file is looked into. */
export type FileFormat = 'lines' | 'ndjson' | 'jsonArray' | 'csv';

/**
 * A stretch of one file: the records that begin at byte `start` or after it, and before `end`. Only line formats are
 * cut into several; of the others a split is the whole file. A type and not an interface, so that it counts as portable.
 */
export type FileSplit = {
  readonly uri: string;
  readonly format: FileFormat;
  readonly start: number;
  readonly end: number;
  /** Size of the whole file when it was listed: input files never change while a job reads them. */
  readonly fileBytes: number;
};

/** Whether reading may begin at any line: no header, no bracket, no quotes around line breaks. */
export const isCutAnywhere = (format: FileFormat): boolean => format === 'lines' || format === 'ndjson';
