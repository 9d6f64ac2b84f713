/* The sub-conditions of writes, each named after what it demands of the stored item. */
export const ITEM_IS_ABSENT = 'attribute_not_exists(pk)';
/** DynamoDB may delete such an item at any moment, so it counts as absent. */
export const LIFE_IS_OVER = 'createdAt <= :ended';
export const VERSION_IS_UNCHANGED = 'version = :version';
export const VERSION_IS_OLDER = 'version < :version';
export const VERSION_IS_NOT_NEWER = 'version <= :version';

export const anyOf = (...conditions: string[]) => conditions.join(' OR ');
export const allOf = (...conditions: string[]) => conditions.join(' AND ');
