namespace SlabGen;

/// <summary>
/// On a method of a struct with <see cref="SlabCacheAttribute"/>: it constructs each object once, when its slab is made (<c>ctor</c> of <c>kmem_cache_create</c>). It returns <see langword="void"/>, or <see langword="bool"/>: false when the object cannot be made.
/// It takes no parameter; the generated code calls it directly.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabConstructorAttribute : Attribute;
