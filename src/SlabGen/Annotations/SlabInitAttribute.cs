namespace SlabGen;

/// <summary>
/// On a method of a struct with <see cref="SlabCacheAttribute"/>: it prepares an object at each allocation (<c>ctor</c> of FreeBSD's <c>uma_zcreate</c>). It returns <see langword="void"/>.
/// It takes no parameter; the generated code calls it directly.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabInitAttribute : Attribute;
