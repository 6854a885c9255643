namespace SlabGen;

/// <summary>
/// On a method of a struct with <see cref="SlabCacheAttribute"/>: it ends each object once, when its slab is released (libumem's <c>destructor</c>). It returns <see langword="void"/>.
/// It takes no parameter; the generated code calls it directly.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabDestructorAttribute : Attribute;
