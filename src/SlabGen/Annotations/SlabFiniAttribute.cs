namespace SlabGen;

/// <summary>
/// On a method of a struct with <see cref="SlabCacheAttribute"/>: it tidies an object up at each free (<c>dtor</c> of FreeBSD's <c>uma_zcreate</c>). It returns <see langword="void"/>.
/// It takes no parameter; the generated code calls it directly.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabFiniAttribute : Attribute;
